import Foundation
import FuzzKit

/// The desk that inputs are tried on. To make one takes longer than to try an input, so that one serves many; those
/// tried on it so far lie in a folder, in their order, for a finding that only they explain:
///
///     deploy/fuzz imap-session --replay .build/fuzz/journal/*
enum FuzzDesk {
    private static let inputsPerDesk = 100
    nonisolated(unsafe) private static var desk: TestDesk?
    nonisolated(unsafe) private static var inputs = 0
    private static let journal = ProcessInfo.processInfo.environment["FUZZ_JOURNAL"]

    static func current() async -> TestDesk {
        if let desk, inputs < inputsPerDesk { return desk }
        if let journal {
            try? FileManager.default.removeItem(atPath: journal)
            try? FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
        }
        inputs = 0
        let fresh = await make()
        desk = fresh
        return fresh
    }

    /// An input is tried.
    static func note(_ input: FuzzInput, isChanged: Bool) {
        guard isChanged else { return }
        inputs += 1
        guard let journal else { return }
        let name = "0000\(inputs)".suffix(4)
        _ = FileManager.default.createFile(atPath: "\(journal)/\(name)", contents: Data(input.octets))
    }

    private static func make() async -> TestDesk {
        guard let desk = try? await TestDesk() else { fatalError("no desk could be made") }
        for number in 1...4 { await desk.deliver(number) }
        await desk.deliver(5, to: "returns@acme.example")
        await desk.deliver(nested, from: "ola@customer.example")
        return desk
    }

    private static let nested = """
        From: =?utf-8?Q?=C5=BB=C3=B3=C5=82w?= <ola@customer.example>
        To: help@acme.example
        Subject: =?utf-8?Q?Za=C5=BC=C3=B3=C5=82=C4=87?=
        Date: Mon, 2 Mar 2026 10:00:00 +0100
        Message-ID: <nested@customer.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Za=C5=BC=C3=B3=C5=82=C4=87
        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: text/html

        <p>inner
        --b
        Content-Type: application/pdf; name="a.pdf"
        Content-Disposition: attachment; filename*=UTF-8''%C5%BC.pdf
        Content-Transfer-Encoding: base64

        JVBERi0=
        --b--

        """
}
