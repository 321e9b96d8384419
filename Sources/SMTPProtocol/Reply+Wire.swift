package import MailTypes
package import NIOCore

extension Reply {
    /// Appends the reply as it goes over the wire, CRLF included (RFC 5321 §4.2, RFC 2034 §4).
    package func write(into buffer: inout ByteBuffer) {
        for index in lines.indices {
            buffer.writeDecimal(Int(code.number))
            buffer.writeInteger(index == lines.count - 1 ? UInt8(ascii: " ") : UInt8(ascii: "-"))
            if let status {
                buffer.writeDecimal(Int(status.class))
                buffer.writeInteger(UInt8(ascii: "."))
                buffer.writeDecimal(Int(status.subject))
                buffer.writeInteger(UInt8(ascii: "."))
                buffer.writeDecimal(Int(status.detail))
                buffer.writeInteger(UInt8(ascii: " "))
            }
            buffer.writeString(lines[index])
            buffer.writeInteger(UInt16(0x0D0A))
        }
    }
}

extension ByteBuffer {
    /// Writes a number below 10,000 without going through a string.
    fileprivate mutating func writeDecimal(_ number: Int) {
        guard number >= 10 else {
            writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
            return
        }
        writeDecimal(number / 10)
        writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10))
    }
}
