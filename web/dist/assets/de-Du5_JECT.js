import{G as o}from"./index-CJAmARoc.js";const r=o;export{r as de};
