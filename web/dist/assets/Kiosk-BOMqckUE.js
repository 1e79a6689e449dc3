import{c as m,k as r}from"./index-CLT6LRoS.js";var i=r("<main></main>");function t(a){var o=i();m(a,o)}export{t as default};
