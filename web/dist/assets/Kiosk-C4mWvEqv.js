import{a as m,f as r}from"./index-CJAmARoc.js";var i=r("<main></main>");function t(a){var o=i();m(a,o)}export{t as default};
