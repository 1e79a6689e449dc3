import{c as o,k as r}from"./index-CLT6LRoS.js";var n=r("<main></main>");function i(a){var m=n();o(a,m)}export{i as default};
