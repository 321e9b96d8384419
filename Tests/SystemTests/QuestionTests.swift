import Foundation
import TestKit
import Testing

/// Questions about a case, from a mail client's side and from the command line.
@Suite(.timeLimit(.minutes(5))) struct QuestionTests {
    private static let desk = SampleDesk.text.replacing("undo: 0s\n", with: "undo: 0s\ndictionaries:\n  products: [ kettle, toaster ]\n")
        .replacing(
            "    senderName: \"ACME Help\"\n",
            with: """
                    senderName: "ACME Help"
                    questions:
                      - { name: product, text: "Which product?", choices: products, required: true }
                      - { name: remark, text: "Anything else?" }

                """)

    private func say(_ line: String, id: String, _ appliance: RunningAppliance) throws -> String {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        let text = """
            From: Agent One <agent1@acme.example>
            To: note@acme.example
            Subject: Re: [#1] Parcel
            Message-ID: <\(id)@laptop.example>
            In-Reply-To: <first@customer.example>
            References: <first@customer.example>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            \(line)

            """
        return try session.mail(from: SampleDesk.agent1.login, to: ["note@acme.example"], text: text)
    }

    @Test func `a required question keeps a case from being done until it is answered`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        let appliance = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        _ = try agent.run("SELECT New")
        #expect(try agent.run("MOVE 1 INBOX").isOK)
        for destination in ["Done", "Closed"] {
            _ = try agent.run("SELECT INBOX")
            let refused = try agent.run("MOVE 1 \(destination)")
            #expect(!refused.isOK && refused.status.contains("product"), "\(refused)")
        }
        // Waiting is no end.
        #expect(try agent.run("MOVE 1 Waiting").isOK)
        // What is no choice comes back with a hint; the case has no answer.
        #expect(try say("#answer product=toastr", id: "a1", appliance).hasPrefix("250"))
        let inbox = try agent.subjects(in: "INBOX")
        let notice = String(decoding: try agent.content(uid: try #require(inbox.last).uid), as: UTF8.self)
        #expect(notice.contains("toaster"), "\(notice)")
        #expect(try say("#answer product=TOASTER\n#answer remark=customer is in a hurry", id: "a2", appliance).hasPrefix("250"))
        let shown = try installation.stempel("case", "show", installation.configuration, "1")
        #expect(shown.output.contains("question product: toaster"), "\(shown)")
        #expect(shown.output.contains("question remark: customer is in a hurry"))
        _ = try agent.run("SELECT Waiting")
        #expect(try agent.run("MOVE 1:* Done").isOK)
        let report = try installation.stempel(
            "report", installation.configuration, "--from", "2020-01-01", "--to", "2099-12-31", "--by", "question", "--csv")
        #expect(report.output.contains("product: toaster,1,1,1,"), "\(report)")
        #expect(!report.output.contains("hurry"))
    }

    @Test func `the command line answers, takes back, and says what there is to answer`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        let appliance = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: appliance)
        func answer(_ text: String) throws -> Completed {
            try installation.stempel(
                "case", "answer", installation.configuration, "1", text, "--as", "agent1@acme.example")
        }
        let wrong = try answer("colour=red")
        #expect(wrong.status == 67 && wrong.errors.contains("there are: product, remark"), "\(wrong)")
        #expect(try answer("product=fridge").status == 65)
        #expect(try installation.stempel("case", "status", installation.configuration, "1", "closed", "--as", "agent1@acme.example").status == 65)
        #expect(try answer("product=kettle").status == 0)
        #expect(try answer("product=").status == 0)
        #expect(try installation.stempel("case", "status", installation.configuration, "1", "closed", "--as", "agent1@acme.example").status == 65)
        #expect(try answer("product=kettle").status == 0)
        #expect(try installation.stempel("case", "status", installation.configuration, "1", "closed", "--as", "agent1@acme.example").status == 0)
        #expect(try appliance.terminate() == .exited(0))
        #expect(try answer("remark=no server").status == 0)
    }
}
