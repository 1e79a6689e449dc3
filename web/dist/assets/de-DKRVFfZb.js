import{av as o}from"./index-KQzMmhM4.js";const r=o;export{r as de};
