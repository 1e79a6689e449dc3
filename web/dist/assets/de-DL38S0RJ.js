import{an as o}from"./index-CLT6LRoS.js";const n=o;export{n as de};
