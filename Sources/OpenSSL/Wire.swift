internal import COpenSSL

/// The memory that a `TLSSession` reads ciphertext from and writes it to: a BIO of our own, since libcrypto's memory BIO
/// keeps the largest buffer it ever needed for as long as the connection lives.
final class Wire {
    var inbound: [UInt8] = []
    var inboundOffset = 0
    var outbound: [UInt8] = []

    /// The BIO's functions. Its data is an unretained `Wire`, which the session keeps alive longer than the BIO.
    /// `nonisolated(unsafe)`: filled here, only read afterwards.
    nonisolated(unsafe) static let method: OpaquePointer = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stempel wire") else {
            preconditionFailure("libcrypto has no memory for a BIO method")
        }
        BIO_meth_set_write_ex(method) { bio, octets, count, written in
            guard let bio, let octets, let wire = Wire.of(bio) else { return 0 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            wire.outbound.append(contentsOf: UnsafeRawBufferPointer(start: octets, count: count))
            written?.pointee = count
            return 1
        }
        BIO_meth_set_read_ex(method) { bio, target, room, taken in
            guard let bio, let target, let wire = Wire.of(bio) else { return 0 }
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            let count = wire.take(into: UnsafeMutableRawBufferPointer(start: target, count: room))
            taken?.pointee = count
            guard count > 0 else {
                BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
                return 0
            }
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static func of(_ bio: OpaquePointer) -> Wire? {
        BIO_get_data(bio).map { Unmanaged<Wire>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, inbound.count - inboundOffset)
        guard count > 0 else { return 0 }
        inbound.withUnsafeBytes { source in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[inboundOffset..<inboundOffset + count]))
        }
        inboundOffset += count
        if inboundOffset == inbound.count {
            inbound = []
            inboundOffset = 0
        }
        return count
    }
}
