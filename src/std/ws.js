// @ts-self-types="./ws.d.ts"
export { WebSocketServer } from "ws";
