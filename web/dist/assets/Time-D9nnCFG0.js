import{a as o,f as r}from"./index-CJAmARoc.js";var i=r("<main></main>");function t(a){var m=i();o(a,m)}export{t as default};
