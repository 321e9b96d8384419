import Desk
import MailTypes
import Testing

/// Templates/Shared: everybody uses what is there, who supervises keeps it (DESIGN §3). Celina supervises.
@Suite struct SharedTemplateTests {
    private static func text(_ subject: String) -> String { "From: celina@acme.example\r\nSubject: \(subject)\r\n\r\nDear you,\r\n" }

    private static func append(_ subject: String, to mailbox: String, flags: String = "") -> String {
        let text = text(subject)
        return "APPEND \(mailbox) \(flags.isEmpty ? "" : "(\(flags)) "){\(text.utf8.count)+}\r\n\(text)"
    }

    @Test func `a supervisor puts a template there, and everybody has it at once`() async throws {
        let desk = try await TestDesk()
        let (anna, bartek) = (try await desk.session("anna"), try await desk.session("bartek"))
        let celina = try await desk.session("celina")
        try await anna.expect("LIST \"\" Templates*", has: "* LIST (\\HasNoChildren) \"/\" \"Templates/Shared\"")
        #expect(try await bartek.say("LIST \"\" \"Szablony/%\"").first?.contains("Szablony/Wsp") == true)
        try await anna.expect("SELECT Templates/Shared", has: "* 0 EXISTS")
        try await anna.say("IDLE")
        #expect(try await celina.say(Self.append("Refund", to: "Templates/Shared")).last?.hasPrefix("a OK [APPENDUID") == true)
        #expect(try await anna.told().contains("* 1 EXISTS"))
        try await anna.write("DONE\r\n")
        #expect(try await anna.say("FETCH 1 (FLAGS BODY.PEEK[TEXT])").first?.contains("\\Seen") == false)
        try await bartek.expect("STATUS Szablony/Wsp&APM-lne (MESSAGES)", has: "* STATUS \"Szablony/Wsp&APM-lne\" (MESSAGES 1)")
    }

    @Test func `who does not supervise copies out of it and changes nothing in it`() async throws {
        let desk = try await TestDesk()
        await desk.deliver(1)
        let (anna, celina) = (try await desk.session("anna"), try await desk.session("celina"))
        try await celina.say(Self.append("Refund", to: "Templates/Shared"))
        try await anna.say(Self.append("Mine", to: "Templates"))
        let refusals = [
            Self.append("Mine", to: "Templates/Shared"), "UID MOVE 1 Trash", "UID MOVE 1 Templates", "STORE 1 +FLAGS (\\Deleted)",
        ]
        try await anna.say("SELECT Templates/Shared")
        for command in refusals {
            let told = try await anna.say(command)
            #expect(told.last?.hasPrefix("a NO [NOPERM] ") == true, "\(command): \(told)")
        }
        // Flags of one's own stick, those that all see do not, and the client hears what is true.
        try await anna.say("STORE 1 +FLAGS (\\Seen)")
        try await anna.expect("STORE 1 +FLAGS.SILENT (\\Answered work)", has: "* 1 FETCH (UID 1 FLAGS (\\Seen))")
        #expect(try await anna.say("UID COPY 1 Templates").last?.hasPrefix("a OK [COPYUID") == true)
        try await anna.say("SELECT Templates")
        try await anna.expect("UID COPY 1 Templates/Shared", has: "a NO [NOPERM] The shared templates are kept by supervisors; copy one to your own Templates to change it")
        try await anna.say("SELECT New")
        #expect(try await anna.say("UID COPY 1 Templates/Shared").last?.hasPrefix("a NO [CANNOT] ") == true)
        try await celina.expect("SELECT Templates/Shared", has: "* 1 EXISTS")
    }

    @Test func `supervisors take away what a colleague put there, and back`() async throws {
        let desk = try await TestDesk { $0.agents[4].role = .supervisor }
        let (celina, olga, anna) = (
            try await desk.session("celina"), try await desk.session("olga"), try await desk.session("anna")
        )
        for subject in ["Refund", "Closing"] { try await celina.say(Self.append(subject, to: "Templates/Shared", flags: "work")) }
        for client in [olga, anna] { try await client.expect("SELECT Templates/Shared", has: "* 2 EXISTS") }
        try await olga.expect("UID MOVE 1 Trash", has: "* 1 EXPUNGE")
        try await anna.expect("NOOP", has: "* 1 EXPUNGE")
        try await olga.expect("GETQUOTAROOT Trash", has: "* QUOTA \"Private\" (STORAGE 1 1953125 MESSAGE 1 1000000)")
        try await celina.expect("GETQUOTAROOT Trash", has: "* QUOTA \"Private\" (STORAGE 1 1953125 MESSAGE 1 1000000)")
        try await olga.say("SELECT Trash")
        try await olga.expect("UID MOVE 1 Templates/Shared", has: "* 1 EXPUNGE")
        try await celina.say("SELECT Templates/Shared")
        try await celina.expect("UID FETCH 3 (FLAGS)", has: "* 2 FETCH (UID 3 FLAGS (work))")
        // What all have flags of goes without leaving any behind.
        try await anna.say("NOOP")
        try await anna.say("STORE 1:2 +FLAGS (\\Seen)")
        try await celina.say("STORE 1:2 +FLAGS (\\Deleted)")
        try await celina.say("EXPUNGE")
        try await celina.say(Self.append("Another", to: "Templates/Shared"))
        try await anna.say("NOOP")
        #expect(try await anna.say("FETCH 1 FLAGS").first?.contains("\\Seen") == false)
    }

    @Test func `a change of memberships leaves it as it is`() async throws {
        let desk = try await TestDesk()
        let anna = try await desk.session("anna")
        let before = try await anna.say("STATUS Templates/Shared (UIDVALIDITY)")
        try await desk.apply { $0.pools[0].members.removeFirst() }
        #expect(try await anna.say("STATUS Templates/Shared (UIDVALIDITY)") == before)
    }
}
