import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// The one notice that lists what waits for approval, where many write and many are told (DESIGN §3).
@Suite struct ApprovalNoticeTests {
    private static let (tom, sue) = ("tom@acme.example", "sue@acme.example")

    /// The desk with so many supervisors more.
    private static func crowd(_ count: Int) -> DeskDefinition {
        var definition = DeskDefinition.example
        for number in 0..<count {
            definition.agents.append(
                AgentDefinition(login: "s\(number)@acme.example", name: "S\(number)", role: .supervisor))
            definition.pools[0].supervisors.append("s\(number)@acme.example")
        }
        return definition
    }

    private func offer(_ numbers: Range<Int>, _ desk: DeskFixture) async throws {
        for number in numbers {
            let mail = TestMail(
                from: Self.tom, to: "c\(number)@else.example", subject: "Offer \(number)", id: "n\(number)@laptop")
            #expect(try await desk.send(mail, as: Self.tom, to: ["c\(number)@else.example"]).code == 250)
        }
    }

    private func notices(_ login: String, _ desk: DeskFixture) async throws -> [ShownMessage] {
        try await desk.shown(.inbox(desk.agent(login)))
    }

    private func subjects(_ login: String, _ desk: DeskFixture) async throws -> [String?] {
        try await notices(login, desk).map { $0.header.field("Subject") }
    }

    @Test func `the first mail is told at once, those that follow it together, each supervisor once`() async throws {
        try await DeskFixture.run(Self.crowd(9)) { desk in
            try await offer(0..<1, desk)
            #expect(try await desk.tellSupervisors() == 10)
            #expect(try await subjects(Self.sue, desk) == ["Waiting for your approval: 1"])
            try await offer(1..<12, desk)
            #expect(try await desk.tellSupervisors(after: .seconds(4)) == 0)
            try await offer(12..<20, desk)
            #expect(try await desk.tellSupervisors(after: .seconds(1)) == 10)
            for login in [Self.sue, "s8@acme.example"] {
                #expect(try await subjects(login, desk) == ["Waiting for your approval: 20"])
                #expect(try await notices(login, desk).map(\.uid) == [UID(2)])
                #expect(try await notices(login, desk).allSatisfy { !$0.flags.contains(.seen) })
            }
            #expect(try await desk.tellSupervisors(after: .seconds(60)) == 0)
        }
    }

    @Test func `approvals in a row are told together, and are no news`() async throws {
        try await DeskFixture.run(Self.crowd(9)) { desk in
            try await offer(0..<6, desk)
            try await desk.tellSupervisors()
            for shown in try await desk.approval(Self.sue).prefix(5) { try await desk.judge(.approve, shown.uid, as: Self.sue) }
            #expect(try await desk.tellSupervisors() == 0)
            #expect(try await desk.tellSupervisors(after: ApprovalNotices.patience) == 10)
            let left = try #require(try await notices("s0@acme.example", desk).first)
            #expect(left.header.field("Subject") == "Waiting for your approval: 1" && left.flags.contains(.seen))
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            #expect(try await desk.tellSupervisors(after: ApprovalNotices.patience) == 10)
            #expect(try await notices("s0@acme.example", desk).isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM approval_notice") == 0)
        }
    }

    @Test func `news among what became less stays news, and is told once`() async throws {
        try await DeskFixture.run(Self.crowd(0)) { desk in
            try await offer(0..<2, desk)
            try await desk.tellSupervisors()
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await offer(2..<3, desk)
            #expect(try await desk.tellSupervisors(after: ApprovalNotices.patience) == 1)
            #expect(try await notices(Self.sue, desk).map { $0.flags.contains(.seen) } == [false])
            #expect(try await subjects(Self.sue, desk) == ["Waiting for your approval: 2"])
            #expect(try await notices(Self.sue, desk).map(\.uid) == [UID(2)])
        }
    }

    @Test func `what is gone before anybody was told is told to nobody`() async throws {
        try await DeskFixture.run(Self.crowd(0)) { desk in
            try await offer(0..<1, desk)
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await desk.tellSupervisors(after: ApprovalNotices.patience)
            #expect(try await notices(Self.sue, desk).isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE ticket_id = 0") == 0)
        }
    }
}
