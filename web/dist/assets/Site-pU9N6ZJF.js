import{a as o,f as r}from"./index-CJAmARoc.js";var t=r("<main></main>");function n(a){var m=t();o(a,m)}export{n as default};
