import{a as r,f as m}from"./index-CJAmARoc.js";var n=m("<main></main>");function f(a){var o=n();r(a,o)}export{f as default};
