import Gateway
import Logging
import MailTypes
import NIOCore
import SMTPProtocol
import Synchronization
import TestKit
import Testing

@testable import Transport

/// A content that streams through: it can be read but once.
private struct Unconvertible: OutgoingContent {
    func piece(_ index: Int) async throws -> [UInt8]? { index == 0 ? Array("Subject: x\r\n\r\nż\r\n".utf8) : nil }
    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? { nil }
}

/// The host behind, played by hand.
@Suite(.timeLimit(.minutes(5))) struct OtherRecipientsTests {
    private let clock = ManualClock()

    private func others(_ listener: any Channel, questions: Int = 50) -> OtherRecipients {
        var configuration = OtherRecipients.Configuration(
            host: "127.0.0.1", port: listener.localAddress?.port ?? 0,
            session: .init(hostname: "mx.acme.example", tls: .none))
        configuration.maximumQuestions = questions
        return OtherRecipients(
            configuration, tls: nil, group: ServerFixture.group, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let boss = EmailAddress("boss@acme.example")

    private func ask(_ others: OtherRecipients) async throws -> (verdict: RecipientVerdict, wasKnown: Bool) {
        let boss = try #require(Self.boss)
        return await withCheckedContinuation { continuation in
            let answer = others.verify(boss, of: Envelope(reversePath: nil)) {
                continuation.resume(returning: ($0, false))
            }
            if case .known(let verdict) = answer { continuation.resume(returning: (verdict, true)) }
        }
    }

    @Test func `an address is asked about once in an hour, without a mail`() async throws {
        let asked = Atomic(0)
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            try await peer.answer(["MAIL FROM:<>": "250 ok", "RCPT TO:<boss@acme.example>": "250 ok"])
            asked.add(1, ordering: .relaxed)
            try await peer.answer(["QUIT": "221 bye"])
        }
        let others = others(listener)
        let first = try await ask(others)
        #expect(first.verdict == .accepted && !first.wasKnown)
        clock.advance(by: .seconds(3599))
        let second = try await ask(others)
        #expect(second.verdict == .accepted && second.wasKnown)
        await others.shutDown()
        clock.advance(by: .seconds(1))
        let third = try await ask(others)
        #expect(third.verdict == .accepted && !third.wasKnown)
        await others.shutDown()
        #expect(asked.load(ordering: .relaxed) == 2)
        try await listener.close()
    }

    @Test func `an address that was remembered and is gone puts the mail off, and is asked about anew`() async throws {
        let isGone = Atomic(false)
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            let reply = isGone.load(ordering: .relaxed) ? "550 5.1.1 gone" : "250 ok"
            try await peer.answer(["MAIL": "250 ok", "RCPT": reply])
            try await peer.answer(["QUIT": "221 bye"])
        }
        let others = others(listener)
        let first = try await ask(others)
        #expect(first.verdict == .accepted && !first.wasKnown)
        await others.shutDown()
        isGone.store(true, ordering: .relaxed)
        let boss = try #require(Self.boss)
        let reply = await others.pass(
            Envelope(reversePath: nil, recipients: [boss]), Pieces(["Subject: x\r\n\r\nx\r\n"]), size: nil)
        #expect(reply.reply == .refusedBehindNow)
        #expect(reply.cause == "the host behind: 550 5.1.1 gone")
        let again = try await ask(others)
        #expect(again.verdict == .refused(.unknownRecipient) && !again.wasKnown)
        let known = try await ask(others)
        #expect(known.verdict == .refused(.unknownRecipient) && known.wasKnown)
        await others.shutDown()
        try await listener.close()
    }

    @Test func `who is put off by the host behind is told so, with its code, and not that it is silent`() async throws {
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            try await peer.answer(["MAIL": "250 ok", "RCPT": "450 4.2.0 greylisted"])
            try await peer.answer(["QUIT": "221 bye"])
        }
        let others = others(listener)
        let asked = try await ask(others)
        let reply = Reply.putOffBehind(450, EnhancedStatus(4, 2, 0))
        #expect(asked.verdict == .refused(reply) && "\(reply)".hasPrefix("450 4.2.0 The host"))
        await others.shutDown()
        let boss = try #require(Self.boss)
        let outcome = await others.pass(
            Envelope(reversePath: nil, recipients: [boss]), Pieces(["Subject: x\r\n\r\nx\r\n"]), size: nil)
        #expect(outcome.reply == reply && outcome.cause == "the host behind: 450 4.2.0 greylisted")
        await others.shutDown()
        try await listener.close()
    }

    @Test func `a mail that the host behind cannot take was not refused by it`() async throws {
        let listener = try await Dialogue.listen { peer in
            try await peer.introduce("PIPELINING")
            try await peer.answer(["QUIT": "221 bye"])
        }
        let others = others(listener)
        let boss = try #require(Self.boss)
        let outcome = await others.pass(
            Envelope(reversePath: nil, recipients: [boss], is8BitMIME: true), Unconvertible(), size: nil)
        #expect("\(outcome.reply)" == "550 5.6.3 The host that takes mail for this address takes no 8-bit content")
        await others.shutDown()
        try await listener.close()
    }

    @Test func `beyond so many questions at a time nobody is asked`() async throws {
        let listener = try await Dialogue.listen { peer in try await peer.introduce() }
        let answer = try await ask(others(listener, questions: 0))
        #expect(answer.verdict == .refused(.hostBehindAskedTooMuch) && answer.wasKnown)
        try await listener.close()
    }
}
