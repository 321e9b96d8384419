import Synchronization

/// Reads a stream from its beginning to its end in pieces of a size that the reader names. For one reader.
final class StreamReading: Sendable {
    private let stream: PieceStream
    private let rest = Mutex<ArraySlice<UInt8>>([])

    init(_ stream: PieceStream) { self.stream = stream }

    /// The next octets, at most so many; none at the end.
    func next(_ count: Int) async throws -> [UInt8] {
        var piece = rest.withLock { rest in
            defer { rest = [] }
            return rest
        }
        while piece.isEmpty {
            guard let next = try await stream.piece(0) else { return [] }
            piece = next[...]
        }
        rest.withLock { $0 = piece.dropFirst(count) }
        return Array(piece.prefix(count))
    }
}
