internal import NIOCore
internal import OpenSSL

/// A write that waits for its flush or for the end of the handshake.
struct PendingWrite {
    var plaintext: ByteBuffer
    var promise: EventLoopPromise<Void>?
}

extension TLSSession {
    /// The most octets of plaintext in one record (RFC 8446 §5.1).
    private static let maximumRecordOctets = 16384

    /// Encrypts writes in their order. Small ones share a record, since each record costs 22 octets and a round of the
    /// cipher's set-up.
    func write(_ writes: ArraySlice<PendingWrite>) throws(TLSFailure) {
        guard writes.count > 1 else {
            if let only = writes.first { try write(only.plaintext) }
            return
        }
        var record = ByteBuffer()
        for pending in writes {
            if record.readableBytes + pending.plaintext.readableBytes > Self.maximumRecordOctets {
                try write(record)
                record.clear()
            }
            if pending.plaintext.readableBytes >= Self.maximumRecordOctets {
                try write(pending.plaintext)
            } else {
                record.writeImmutableBuffer(pending.plaintext)
            }
        }
        try write(record)
    }

    private func write(_ plaintext: ByteBuffer) throws(TLSFailure) {
        let failure = plaintext.withUnsafeReadableBytes { octets -> TLSFailure? in
            do throws(TLSFailure) { try write(octets) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }
}
