import Desk
import Gateway
import Storage
import Testing

/// The check that ends every test of this target, held against databases that are broken on purpose.
@Suite struct InvariantTests {
    static let damages: [(sentence: String, sql: SQL)] = [
        ("a count is wrong", "UPDATE mailbox_pool SET messages = messages + 1 WHERE mailbox_id = 1"),
        ("a count of a block is wrong", "UPDATE entry_block SET messages = messages + 1 WHERE mailbox_id = 1"),
        ("a message is in two places", "INSERT INTO entry VALUES (2, 1, 1, 1, 1, 1)"),
        ("a message is in no place", "DELETE FROM entry WHERE mailbox_id = 1"),
        ("UIDNEXT fell", "UPDATE mailbox SET uid_next = 1 WHERE id = 1"),
        ("a UID is live and gone", "INSERT INTO tombstone VALUES (1, 1, 1, 1, 1, 1)"),
        ("an entry has another pool", "UPDATE entry SET pool_id = 2"),
        ("a mod-sequence was not taken", "UPDATE message SET modseq = 999"),
        ("a number was not taken", "UPDATE counter SET value = 0 WHERE name = 'ticket_number'"),
        ("a size is wrong", "UPDATE message SET size = size + 1"),
        ("content is referred to and staged", "UPDATE content SET staged_at = 1"),
    ]

    @Test(arguments: damages.indices) func `damage is noticed`(index: Int) async throws {
        let damage = Self.damages[index]
        let desk = try await DeskFixture.make(.example)
        _ = try await desk.open()
        #expect(try await desk.brokenInvariants() == [])
        try await desk.store.write { (transaction: Transaction) in _ = try transaction.connection.run(damage.sql) }
        #expect(try await desk.brokenInvariants() != [], "\(damage.sentence)")
    }
}
