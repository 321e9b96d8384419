import Gateway
import MailTypes

/// The content of a mail that is passed on. A small one is gathered, judged whole, and handed to the host behind then; from
/// `window` octets on it streams through, and what its judgement needs is gathered on the way: the end is said only where
/// the mail may arrive. Belongs to its connection.
package final class PassedContent: MailContent {
    /// Octets that are gathered.
    static let window = 131_072

    private let passing: MailPassing
    private let envelope: Envelope
    private let others: OtherRecipients
    private let onDrained: @Sendable () -> Void
    private var gathered: [UInt8] = []
    private var stream: Stream?
    /// The header section has no end.
    private var isRefused = false

    /// A mail on its way through.
    private struct Stream {
        var mail: LargeMail
        /// To the host behind, and to each filter.
        let pieces: PieceStream
        let bodies: [PieceStream]
        let answer: Task<FilterAnswer, Never>
        let delivery: Task<PassingOutcome, Never>
    }

    /// - Parameter onDrained: runs, on any thread, when a stalled content can take octets again.
    init(
        _ envelope: Envelope, _ passing: MailPassing, others: OtherRecipients, onDrained: @escaping @Sendable () -> Void
    ) {
        (self.envelope, self.passing, self.others, self.onDrained) = (envelope, passing, others, onDrained)
    }

    package func append(_ octets: UnsafeRawBufferPointer) {
        guard !isRefused else { return }
        guard stream == nil else {
            stream?.mail.update(octets)
            let piece = Array(octets)
            stream?.pieces.append(piece)
            for body in stream?.bodies ?? [] { body.append(piece) }
            return
        }
        gathered.append(contentsOf: octets)
        if gathered.count > Self.window { beginStream() }
    }

    private func beginStream() {
        defer { gathered = [] }
        guard let mail = LargeMail(gathered) else {
            isRefused = true
            return
        }
        let body = Array(gathered[mail.bodyStart...])
        let pieces = PieceStream(head: body, onDrained: onDrained)
        let bodies = (0..<passing.filters).map { _ in PieceStream(head: body, onDrained: onDrained) }
        let (passing, others, envelope) = (passing, others, envelope)
        let answer = Task {
            let readings = bodies.map { body -> MailPassing.BodyReading in
                let reading = StreamReading(body)
                return (next: { _, count in try await reading.next(count) }, close: { body.refuse() })
            }
            return await passing.ask(mail, readings)
        }
        let delivery = Task {
            let content = LedContent(lead: Task { await passing.lead(mail) }, rest: pieces)
            let outcome = await others.pass(envelope, content, size: nil)
            pieces.refuse()
            return outcome
        }
        stream = Stream(mail: mail, pieces: pieces, bodies: bodies, answer: answer, delivery: delivery)
    }

    package var isStalled: Bool {
        guard let stream else { return false }
        return stream.pieces.isStalled || stream.bodies.contains(where: \.isStalled)
    }

    package func abandon() {
        gathered = []
        stream?.answer.cancel()
        stream?.pieces.abandon()
        for body in stream?.bodies ?? [] { body.abandon() }
    }

    /// The content is whole: what becomes of it.
    func complete(_ completion: @escaping @Sendable (PassingOutcome) -> Void) {
        guard !isRefused else { return completion(PassingOutcome(.headerTooLong)) }
        let (passing, others, envelope) = (passing, others, envelope)
        guard let stream else {
            let octets = gathered
            gathered = []
            Task {
                switch await passing.judge(octets) {
                case .pass(let mail):
                    var outcome = await others.pass(
                        envelope, WholeContent(octets: mail.content), size: mail.content.count)
                    outcome.concerns(mail)
                    completion(outcome)
                case .settled(let outcome): completion(outcome)
                }
            }
            return
        }
        for body in stream.bodies { body.complete() }
        let (mail, pieces, answer, delivery) = (stream.mail, stream.pieces, stream.answer, stream.delivery)
        Task {
            switch await passing.judge(mail, { await answer.value }) {
            case .pass(let mail):
                pieces.complete()
                var outcome = await delivery.value
                outcome.concerns(mail)
                completion(outcome)
            case .settled(let outcome):
                pieces.abandon()
                completion(outcome)
            }
        }
    }
}

extension Reply {
    static let headerTooLong = Reply(552, EnhancedStatus(5, 3, 4), "The header section is too long")
}

/// A mail in memory.
private struct WholeContent: OutgoingContent {
    let octets: [UInt8]
    func piece(_ index: Int) async throws -> [UInt8]? { index == 0 ? octets : nil }
}

/// A stream whose first piece is still to be found out.
private struct LedContent: OutgoingContent {
    let lead: Task<[UInt8], Never>
    let rest: PieceStream

    func piece(_ index: Int) async throws -> [UInt8]? {
        index == 0 ? await lead.value : try await rest.piece(index - 1)
    }

    /// Only once can it be read.
    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? { nil }
}
