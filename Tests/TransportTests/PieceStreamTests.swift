import Synchronization
import Testing

@testable import Transport

/// A mail on its way through.
@Suite(.timeLimit(.minutes(1))) struct PieceStreamTests {
    private final class Count: Sendable {
        let value = Atomic(0)
    }

    @Test func `pieces come out as they went in, and an end behind them`() async throws {
        let stream = PieceStream(head: [1], onDrained: {})
        stream.append([2, 3])
        #expect(try await stream.piece(0) == [1])
        #expect(try await stream.piece(1) == [2, 3])
        async let waiting = stream.piece(2)
        stream.append([4])
        #expect(try await waiting == [4])
        stream.append([5])
        stream.complete()
        stream.abandon()
        #expect(try await stream.piece(3) == [5])
        #expect(try await stream.piece(4) == nil)
    }

    @Test func `what waits is bounded, and whoever fills it hears when there is room`() async throws {
        let drained = Count()
        let stream = PieceStream(head: []) { drained.value.add(1, ordering: .relaxed) }
        let piece = [UInt8](repeating: 7, count: 65536)
        for _ in 0..<2 { stream.append(piece) }
        #expect(!stream.isStalled)
        stream.append(piece)
        #expect(stream.isStalled)
        for index in 0..<2 { _ = try await stream.piece(index) }
        #expect(drained.value.load(ordering: .relaxed) == 0)
        for index in 2..<3 { _ = try await stream.piece(index) }
        #expect(drained.value.load(ordering: .relaxed) == 1)
        #expect(!stream.isStalled)
    }

    @Test func `a mail that is given up is not a mail that ended`() async throws {
        let stream = PieceStream(head: [1], onDrained: {})
        stream.append([2])
        stream.abandon()
        await #expect(throws: PieceStream.Abandoned.self) { try await stream.piece(0) }
        let waiting = PieceStream(head: [], onDrained: {})
        _ = try await waiting.piece(0)
        let next = Task { try await waiting.piece(1) }
        waiting.abandon()
        await #expect(throws: PieceStream.Abandoned.self) { try await next.value }
    }

    @Test func `what nobody wants any more is thrown away, however much it is`() async throws {
        let drained = Count()
        let stream = PieceStream(head: []) { drained.value.add(1, ordering: .relaxed) }
        let piece = [UInt8](repeating: 7, count: 65536)
        for _ in 0..<6 { stream.append(piece) }
        stream.refuse()
        #expect(drained.value.load(ordering: .relaxed) == 1)
        for _ in 0..<100 { stream.append(piece) }
        #expect(!stream.isStalled)
        stream.complete()
    }
}
