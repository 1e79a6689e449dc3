import{av as o}from"./index-DVms9zbE.js";const r=o;export{r as de};
