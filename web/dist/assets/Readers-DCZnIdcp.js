import{a as m,f as o}from"./index-CJAmARoc.js";var n=o("<main></main>");function e(a){var r=n();m(a,r)}export{e as default};
