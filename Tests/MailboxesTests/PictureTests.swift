import Desk
import Storage
import Testing

/// What every client believes of its mailbox, made of nothing but the responses it got.
struct PictureTests {
    @Test(arguments: UInt64(1)...8)
    func `whatever several clients do at once, the picture of each stays true`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let desk = try await TestDesk { $0.pools[0].mayTakeOver = true }
        for number in 1...6 { await desk.deliver(number) }
        var pictures: [Picture] = []
        for name in ["anna", "bartek", "celina", "anna"] {
            pictures.append(Picture(try await desk.session(name)))
        }
        let quick = ["bartek", "celina"].map { QuickPicture(desk, $0) }
        var delivered = 6
        for step in 0..<120 {
            if Int.random(in: 0..<8, using: &random) == 0 {
                delivered += 1
                try await skip(UInt32.random(in: 0...900, using: &random), desk)
                await desk.deliver(delivered)
            }
            let picture = pictures[Int.random(in: 0..<pictures.count, using: &random)]
            try await picture.act(&random)
            #expect(picture.isSound, "seed \(seed), step \(step): \(picture.transcript.suffix(8))")
            for picture in quick { try await picture.act(&random) }
        }
        for picture in quick {
            try await picture.compare()
            #expect(picture.isSound, "seed \(seed): \(picture.transcript.joined(separator: "\n"))")
        }
        for picture in pictures {
            try await picture.compare()
            #expect(picture.isSound, "seed \(seed): \(picture.transcript.suffix(8))")
        }
        try await checkPlaces(desk, seed)
    }

    /// Leaves gaps between UIDs, so that few messages lie in many blocks of the sequence maps.
    private func skip(_ count: UInt32, _ desk: TestDesk) async throws {
        try await desk.store.write { (transaction: Transaction) in
            _ = try transaction.connection.run("UPDATE mailbox SET uid_next = uid_next + \(Int64(count))")
        }
    }

    /// Every case lies in one primary mailbox as a whole (or was expunged from Trash), and the counters are true.
    private func checkPlaces(_ desk: TestDesk, _ seed: UInt64) async throws {
        let (misplaced, miscounted) = try await desk.store.database.read { connection in
            let misplaced = try connection.integer(
                """
                SELECT count(*) FROM message m JOIN ticket t ON t.id = m.ticket_id JOIN mailbox home ON home.id = t.mailbox_id
                 WHERE (SELECT count(*) FROM entry e JOIN mailbox b ON b.id = e.mailbox_id
                         WHERE e.message_id = m.id AND b.class NOT IN (2, 14, 17, 18, 20, 25)) <> 1
                   AND home.class <> 11
                    OR EXISTS (SELECT 1 FROM entry e JOIN mailbox b ON b.id = e.mailbox_id
                                WHERE e.message_id = m.id AND b.class NOT IN (2, 14, 17, 18, 20, 25) AND b.id <> t.mailbox_id)
                """)
            let miscounted = try connection.integer(
                """
                SELECT count(*) FROM mailbox_pool p
                 WHERE p.messages <> (SELECT count(*) FROM entry e
                                       WHERE e.mailbox_id = p.mailbox_id AND e.pool_id = p.pool_id)
                """)
            let misblocked = try connection.integer(
                """
                SELECT count(*) FROM (
                    SELECT mailbox_id, uid / 1024, pool_id, count(*) FROM entry GROUP BY 1, 2, 3
                    EXCEPT SELECT mailbox_id, block, pool_id, messages FROM entry_block)
                """)
            let blocks = try connection.integer("SELECT count(*) FROM entry_block WHERE messages <= 0")
            return (misplaced, (miscounted ?? 0) + (misblocked ?? 0) + (blocks ?? 0))
        }
        #expect(misplaced == 0, "seed \(seed)")
        #expect(miscounted == 0, "seed \(seed)")
    }
}

/// A client that keeps a list of UIDs by sequence number; `nil` where it was not told the UID yet.
private final class Picture {
    private static let mailboxes = [
        "New", "INBOX", "Waiting", "Done", "Closed", "Spam", "Pools/Help", "\"Groups/Second line\"", "Team/bartek",
        "Team/anna", "Next", "Trash",
    ]
    private let client: TestClient
    private var uids: [Int?] = []
    private var isSelected = false
    private(set) var isSound = true
    private(set) var transcript: [String] = []

    init(_ client: TestClient) { self.client = client }

    func act(_ random: inout SeededGenerator) async throws {
        guard isSelected, Int.random(in: 0..<6, using: &random) > 0 else {
            return try await select(Self.mailboxes.randomElement(using: &random)!)
        }
        // In an empty mailbox there is no message 1.
        let number = uids.isEmpty ? "1:*" : String(Int.random(in: 1...uids.count, using: &random))
        let place = Self.mailboxes.randomElement(using: &random)!
        let commands = [
            "NOOP", "FETCH 1:* (UID FLAGS)", "UID FETCH 1:* (FLAGS)", "STORE \(number) +FLAGS (tag\(uids.count))",
            "UID STORE 1:* -FLAGS (\\Seen)", "MOVE \(number) \(place)", "UID MOVE 1:3 \(place)",
            "COPY \(number) \(place)",
            "SEARCH UNSEEN", "CHECK", "STORE \(number) +FLAGS (\\Deleted)", "EXPUNGE", "FETCH \(number) BODY[TEXT]",
        ]
        try await say(commands.randomElement(using: &random)!)
    }

    private func select(_ mailbox: String) async throws {
        uids = []
        isSelected = true
        try await say("SELECT \(mailbox)")
    }

    /// What the server says now is what was believed.
    func compare() async throws {
        guard isSelected else { return }
        try await say("NOOP")
        try await say("FETCH 1:* (UID)")
        let believed = uids
        let told = try await client.say("UID SEARCH ALL")[0].split(separator: " ").dropFirst(2).map { Int($0) }
        if believed.count != told.count || zip(believed, told).contains(where: { $0 != $1 }) {
            isSound = false
            transcript.append("believed \(believed), told \(told)")
        }
    }

    private func say(_ command: String) async throws {
        transcript.append(command)
        let forbidsExpunge = ["FETCH", "STORE", "SEARCH"].contains { command.hasPrefix($0) }
        for line in try await client.say(command) {
            transcript.append(line)
            if line.hasPrefix("a BAD") { isSound = false }
            apply(line, forbidsExpunge)
        }
    }

    private func apply(_ line: String, _ forbidsExpunge: Bool) {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[0] == "*", let number = Int(words[1]) else { return }
        switch words[2] {
        case "EXISTS":
            if number < uids.count { isSound = false }
            while uids.count < number { uids.append(nil) }
        case "EXPUNGE":
            if forbidsExpunge || !uids.indices.contains(number - 1) {
                isSound = false
            } else {
                uids.remove(at: number - 1)
            }
        case "FETCH":
            guard uids.indices.contains(number - 1), let uid = Self.uid(in: line) else {
                if !uids.indices.contains(number - 1) { isSound = false }
                return
            }
            if let known = uids[number - 1], known != uid { isSound = false }
            uids[number - 1] = uid
        default: break
        }
    }

    private static func uid(in line: String) -> Int? {
        guard let range = line.firstRange(of: "UID ") else { return nil }
        return Int(line[range.upperBound...].prefix { $0.isNumber })
    }
}

/// A client that keeps what it knows of every mailbox over lost connections, by nothing but QRESYNC (RFC 7162 §6).
private final class QuickPicture {
    private struct Cache {
        var uidValidity = 0
        var highest = 0
        var flags: [Int: String] = [:]
        /// New mail is from here on; a change that is told of may be of mail that was not asked for yet.
        var next = 1
    }

    private static let mailboxes = ["New", "INBOX", "Done", "Pools/Help", "Drafts", "Trash"]
    private let desk: TestDesk
    private let agent: String
    private var client: TestClient?
    private var caches: [String: Cache] = [:]
    private var mailbox: String?
    private var cache = Cache()
    private var exists = 0
    private(set) var isSound = true
    private(set) var transcript: [String] = []

    init(_ desk: TestDesk, _ agent: String) { (self.desk, self.agent) = (desk, agent) }

    func act(_ random: inout SeededGenerator) async throws {
        guard client != nil, Int.random(in: 0..<10, using: &random) > 0 else { return try await reconnect() }
        guard mailbox != nil, Int.random(in: 0..<6, using: &random) > 0 else {
            return try await select(Self.mailboxes.randomElement(using: &random)!)
        }
        let uid = cache.flags.keys.sorted().randomElement(using: &random) ?? 1
        let number = exists == 0 ? "1:*" : String(Int.random(in: 1...exists, using: &random))
        let place = Self.mailboxes.randomElement(using: &random)!
        let commands = [
            "NOOP", "UID STORE \(uid) +FLAGS (tag\(uid))",
            "UID STORE 1:* -FLAGS (\\Seen)", "UID MOVE \(uid) \(place)", "UID COPY \(uid) \(place)",
            "UID STORE \(uid) +FLAGS (\\Deleted)", "EXPUNGE", "FETCH \(number) BODY[TEXT]", "STORE \(number) +FLAGS (x)",
            "APPEND Drafts {15+}\r\nSubject: a\r\n\r\nx",
        ]
        if Int.random(in: 0..<8, using: &random) == 0 { return try await fetchNew() }
        try await say(commands.randomElement(using: &random)!)
    }

    private func fetchNew() async throws {
        try await say("UID FETCH \(cache.next):* (FLAGS)")
        cache.next = (cache.flags.keys.max() ?? 0) + 1
    }

    /// The connection is lost in the middle of whatever was.
    private func reconnect() async throws {
        client?.end()
        transcript.append("--- connection lost")
        leave()
        client = try await desk.session(agent)
        try await say("ENABLE QRESYNC")
    }

    private func leave() {
        if let mailbox { caches[mailbox] = cache }
        mailbox = nil
    }

    private func select(_ name: String) async throws {
        leave()
        mailbox = name
        cache = caches[name] ?? Cache()
        if cache.uidValidity == 0 {
            try await say("SELECT \(name)")
        } else {
            try await say("SELECT \(name) (QRESYNC (\(cache.uidValidity) \(cache.highest)))")
        }
        // New mail is asked for as every client does.
        try await fetchNew()
    }

    /// What a client without memory sees is what this one believes, in every mailbox that it ever saw.
    func compare() async throws {
        if client == nil { try await reconnect() }
        leave()
        for name in caches.keys.sorted() {
            try await select(name)
            try await say("NOOP")
            try await fetchNew()
            let fresh = try await desk.session(agent)
            try await fresh.say("EXAMINE \(name)")
            var told: [Int: String] = [:]
            for line in try await fresh.say("UID FETCH 1:* (FLAGS)") {
                if let (uid, flags) = Self.flags(in: line) { told[uid] = flags }
            }
            fresh.end()
            if told != cache.flags || exists != told.count {
                isSound = false
                transcript.append("\(name): \(exists), believed \(cache.flags), told \(told)")
            }
        }
    }

    private func say(_ command: String) async throws {
        transcript.append(command)
        let numbersStand = ["FETCH", "STORE", "SEARCH"].contains { command.hasPrefix($0) }
        var (named, seen): (Int?, Int) = (nil, 0)
        for line in try await client?.say(command) ?? [] {
            transcript.append(line)
            if line.hasPrefix("a BAD") { isSound = false }
            if let number = Self.number(behind: "[HIGHESTMODSEQ ", line) { named = number }
            if line.hasPrefix("* "), let number = Self.number(behind: "MODSEQ (", line) { seen = max(seen, number) }
            apply(line, numbersStand)
        }
        cache.highest = named ?? max(cache.highest, seen)
    }

    private func apply(_ line: String, _ numbersStand: Bool) {
        if let validity = Self.number(behind: "[UIDVALIDITY ", line) {
            if cache.uidValidity != validity { cache = Cache(uidValidity: validity) }
        } else if line.hasPrefix("* VANISHED (EARLIER) ") {
            for uid in Self.uids(line) { cache.flags[uid] = nil }
        } else if line.hasPrefix("* VANISHED ") {
            let uids = Self.uids(line)
            exists -= uids.count
            if numbersStand || exists < 0 { isSound = false }
            for uid in uids { cache.flags[uid] = nil }
        } else if line.hasSuffix(" EXPUNGE") {
            isSound = false
        } else if line.hasSuffix(" EXISTS") {
            exists = Int(line.split(separator: " ")[1]) ?? 0
        } else if let (uid, flags) = Self.flags(in: line) {
            cache.flags[uid] = flags
        }
    }

    private static func uids(_ line: String) -> [Int] {
        (line.split(separator: " ").last ?? "").split(separator: ",").flatMap { piece -> ClosedRange<Int> in
            let ends = piece.split(separator: ":").compactMap { Int($0) }
            return ends[0]...ends[ends.count - 1]
        }
    }

    private static func number(behind text: String, _ line: String) -> Int? {
        line.firstRange(of: text).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
    }

    private static func flags(in line: String) -> (Int, String)? {
        guard line.contains("FETCH") || line.contains("UID "), let uid = number(behind: "UID ", line),
            let start = line.firstRange(of: "FLAGS (")
        else { return nil }
        let flags = line[start.upperBound...].prefix { $0 != ")" }.split(separator: " ").filter { $0 != "\\Recent" }
        return (uid, flags.sorted().joined(separator: " "))
    }
}
