import{a as o,f as r}from"./index-CJAmARoc.js";var n=r("<main></main>");function f(a){var m=n();o(a,m)}export{f as default};
