const e="/assets/zxing_reader-BxB2YfIY.wasm";export{e as default};
