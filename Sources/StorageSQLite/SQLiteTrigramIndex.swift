internal import Storage

/// The trigram index as an FTS5 table without content: each trigram is a word of four letters, and of a word it is kept
/// only in which rows it stands. The words of a row are made outside, each once, so that a row costs the writer what it
/// adds to the index and not the length of its text.
struct SQLiteTrigramIndex: TrigramIndex {
    let connection: SQLiteConnection

    static func create(on connection: SQLiteConnection) throws(StorageFailure) {
        try connection.run(
            """
            CREATE VIRTUAL TABLE IF NOT EXISTS trigram
             USING fts5 (words, content = '', detail = none, columnsize = 0, tokenize = 'ascii')
            """)
    }

    func add(_ trigrams: [UInt32], of id: Int64) throws {
        try connection.run("INSERT INTO trigram (rowid, words) VALUES (\(id), \(Self.words(trigrams)))")
    }

    func remove(_ trigrams: [UInt32], of id: Int64) throws {
        try connection.run(
            "INSERT INTO trigram (trigram, rowid, words) VALUES ('delete', \(id), \(Self.words(trigrams)))")
    }

    func scan(_ trigrams: [UInt32], above id: Int64, _ body: (Int64) throws -> Bool) throws {
        guard !trigrams.isEmpty else { return }
        // Words beside each other must all be there.
        try connection.scan(
            "SELECT rowid FROM trigram WHERE trigram MATCH \(Self.words(trigrams)) AND rowid > \(id) ORDER BY rowid"
        ) { try body($0.integer(0)) }
    }

    func clear() throws { try connection.run("INSERT INTO trigram (trigram) VALUES ('delete-all')") }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private static func words(_ trigrams: [UInt32]) -> String {
        var words: [UInt8] = []
        words.reserveCapacity(trigrams.count * 5)
        for trigram in trigrams {
            for shift: UInt32 in [15, 10, 5, 0] { words.append(letters[Int(trigram >> shift & 31)]) }
            words.append(0x20)
        }
        return String(decoding: words, as: UTF8.self)
    }
}
