// Reads the data that the page carries: base64 of a gzipped payload of a JSON header and binary columns.
import type { Header } from './header'

export type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

export interface Payload {
  header: Header
  /** The column of a name, a view and no copy; null where the round does not have it. */
  column(name: string): Numbers | null
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array }

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.trim())
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(stream).arrayBuffer()
}

/** Takes a payload apart. Columns begin at the first multiple of 8 after the header. */
export function unpack(buffer: ArrayBuffer): Payload {
  const length = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Header
  if (header.format !== 1) throw new Error(`data of format ${header.format}; this page reads format 1`)
  const start = Math.ceil((4 + length) / 8) * 8
  const column = (name: string): Numbers | null => {
    const entry = header.columns[name]
    return entry ? new ARRAYS[entry.type](buffer, start + entry.at, entry.len) : null
  }
  return { header, column }
}
