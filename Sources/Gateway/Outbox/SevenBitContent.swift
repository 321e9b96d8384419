import MailFormat
import Synchronization

extension OutgoingContent {
    /// Its parts encoded anew.
    func sevenBit() async throws -> (any OutgoingContent)? {
        var scanner = MIMEScanner()
        try await eachPiece { scanner.consume($0) }
        let structure = scanner.finish()
        var plan = SevenBitPlan(structure, headerLength: scanner.headerLength ?? 0)
        try await eachPiece { piece in piece.withUnsafeBytes { plan.look(at: $0) } }
        return plan.isPossible ? SevenBitContent(source: self, plan: plan) : nil
    }

    private func eachPiece(_ body: ([UInt8]) -> Void) async throws {
        var index = 0
        while let piece = try await piece(index) {
            body(piece)
            index += 1
        }
    }
}

/// A mail whose parts are encoded anew while its pieces are read in their order.
private final class SevenBitContent: OutgoingContent {
    private let source: any OutgoingContent
    private let plan: SevenBitPlan
    /// What comes next, and the converter that has seen all before; `nil`: all was read.
    private let state: Mutex<(next: Int, converter: SevenBitConverter?)>

    init(source: any OutgoingContent, plan: SevenBitPlan) {
        (self.source, self.plan) = (source, plan)
        state = Mutex((0, SevenBitConverter(plan)))
    }

    func piece(_ index: Int) async throws -> [UInt8]? {
        let octets = try await source.piece(index)
        return try state.withLock { state in
            if index == 0 { state = (0, SevenBitConverter(plan)) }
            // A reader that was given up may still be at it when the next one begins.
            guard index == state.next else { throw OutOfOrder() }
            state.next += 1
            guard var converter = state.converter else { return nil }
            var output: [UInt8] = []
            if let octets {
                octets.withUnsafeBytes { converter.convert($0, into: &output) }
                state.converter = converter
            } else {
                converter.finish(into: &output)
                state.converter = nil
            }
            return output
        }
    }
}

/// Pieces of a mail were not read in their order.
private struct OutOfOrder: Error {}
