import Desk
import Gateway
import Storage
import TestKit
import Testing

/// The views of a pool by status are filled for a desk that had cases before it had them.
struct PoolStatusTests {
    @Test func `a pool of before gets its views by status, piece by piece`() async throws {
        try await DeskFixture.run { desk in
            for number in 1...60 {
                try await desk.open(TestMail(subject: "Mail \(number)", id: "m\(number)@customer.example"))
            }
            for number in 1...5 { try await desk.decide(.setStatus(.done), Int64(number), as: "anna@acme.example") }
            try await desk.store.write { (transaction: Transaction) in
                for table in ["entry", "entry_block", "mailbox_pool", "tombstone"] as [SQL] {
                    try transaction.connection.run(
                        "DELETE FROM \(table) WHERE mailbox_id IN (SELECT id FROM mailbox WHERE class = 25)")
                }
                try transaction.connection.run("DELETE FROM mailbox WHERE class = 25")
            }
            try await desk.apply(.example)
            await desk.settleAbsences()
            let (help, roster) = (desk.pool("Help"), desk.roster.current)
            for (status, count) in [(TicketStatus.new, 55), (.done, 5), (.waiting, 0)] as [(TicketStatus, Int64)] {
                let mailbox = try #require(roster.mailbox(.poolStatus(help, status)))
                #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(mailbox)") == count)
            }
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.archive)") == 0)
        }
    }
}
