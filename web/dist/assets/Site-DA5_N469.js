import{c as o,k as r}from"./index-CLT6LRoS.js";var t=r("<main></main>");function n(a){var m=t();o(a,m)}export{n as default};
