package import Desk
import MailTypes

extension Transaction {
    /// What is in hand, apart from what lies in the given mailboxes. The statement has to say what the index of open cases
    /// says, in numbers: 8 and 9 are closed and spam.
    package func board(without mailboxes: [MailboxID]) throws -> Board {
        var board = Board()
        try connection.query(
            """
            SELECT status, pool_id, assignee_id, count(*), min(status_since) FROM ticket
             WHERE status NOT IN (8, 9) AND folder_id IS NULL
               AND merged_into IS NULL AND mailbox_id NOT IN (\(list: mailboxes))
             GROUP BY status, pool_id, assignee_id
            """
        ) { row in
            board.add(
                Board.Count(cases: row.int(3), since: row.timestamp(4)),
                status: try row.value(0), pool: PoolID(rawValue: row.integer(1)),
                assignee: row.optionalInteger(2).map(AgentID.init(rawValue:)))
        }
        return board
    }
}
