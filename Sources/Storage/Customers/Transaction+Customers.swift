package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func customer(_ id: CustomerID) throws -> Customer? {
        try connection.first("SELECT \(Customer.columns) FROM customer WHERE id = \(id)", Customer.init(row:))
    }

    package func insertCustomer(name: String?, at now: Timestamp) throws -> CustomerID {
        CustomerID(
            rawValue: try required(
                try connection.integer(
                    """
                    INSERT INTO customer (name, name_folded, created_at)
                    VALUES (\(name), \(name.map(Customer.searchKey)), \(now)) RETURNING id
                    """)))
    }

    package func update(_ customer: Customer) throws {
        try connection.run(
            """
            UPDATE customer SET name = \(customer.name), name_folded = \(customer.name.map(Customer.searchKey)),
                   firm = \(customer.firm), firm_folded = \(customer.firm.map(Customer.searchKey)),
                   phone = \(customer.phone), note = \(customer.note), joined_into = \(customer.joinedInto),
                   erased_at = \(customer.erasedAt)
             WHERE id = \(customer.id)
            """)
    }

    /// Gives the next customers their folded names, who have none since they are from before; `false` where none is left.
    package func foldCustomerNames(limit: Int) throws -> Bool {
        let customers = try connection.all(
            "SELECT id, name FROM customer WHERE name IS NOT NULL AND name_folded IS NULL ORDER BY id LIMIT \(limit)"
        ) { (id: $0.integer(0), name: $0.text(1)) }
        for customer in customers {
            try connection.run(
                "UPDATE customer SET name_folded = \(Customer.searchKey(customer.name)) WHERE id = \(customer.id)")
        }
        return customers.count == limit
    }

    package func addresses(of customer: CustomerID) throws -> [CustomerAddress] {
        try connection.all(
            "SELECT \(CustomerAddress.columns) FROM address WHERE customer_id = \(customer) ORDER BY id",
            CustomerAddress.init(row:))
    }

    /// Addresses that take part in a case, or are its customer's, to which mail does not arrive.
    package func bouncedAddresses(of ticket: TicketNumber) throws -> [CustomerAddress] {
        try connection.all(
            """
            SELECT \(CustomerAddress.columns) FROM address
             WHERE bounced_at IS NOT NULL AND id IN (
                SELECT address_id FROM participant WHERE ticket_id = \(ticket)
                UNION SELECT a.id FROM address a JOIN ticket t ON t.customer_id = a.customer_id WHERE t.id = \(ticket))
             ORDER BY id LIMIT 20
            """, CustomerAddress.init(row:))
    }

    package func address(identity: String) throws -> CustomerAddress? {
        try connection.first(
            "SELECT \(CustomerAddress.columns) FROM address WHERE identity = \(identity)", CustomerAddress.init(row:))
    }

    package func insertAddress(_ address: EmailAddress, of customer: CustomerID) throws {
        try connection.run(
            """
            INSERT INTO address (identity, spelling, customer_id)
            VALUES (\(address.identity), \(address.description), \(customer))
            """)
    }

    package func move(_ address: AddressID, to customer: CustomerID) throws {
        try connection.run("UPDATE address SET customer_id = \(customer) WHERE id = \(address)")
    }

    package func fields(of customer: CustomerID) throws -> [String: String] {
        let fields = try connection.all("SELECT name, value FROM customer_field WHERE customer_id = \(customer)") {
            ($0.text(0), $0.text(1))
        }
        return Dictionary(fields, uniquingKeysWith: { first, _ in first })
    }

    package func setField(_ name: String, of customer: CustomerID, to value: String?) throws {
        guard let value else {
            try connection.run("DELETE FROM customer_field WHERE customer_id = \(customer) AND name = \(name)")
            return
        }
        try connection.run(
            """
            INSERT INTO customer_field (customer_id, name, value) VALUES (\(customer), \(name), \(value))
            ON CONFLICT (customer_id, name) DO UPDATE SET value = excluded.value
            """)
    }

    package func markCards(ofCasesOf customer: CustomerID, at now: Timestamp) throws -> Set<MailboxID> {
        let tickets = try connection.all(
            """
            SELECT id, mailbox_id FROM ticket
             WHERE customer_id = \(customer) AND status NOT IN (\(list: [TicketStatus.closed, .spam]))
             ORDER BY id DESC LIMIT 100
            """
        ) { (number: TicketNumber(rawValue: $0.integer(0)), mailbox: MailboxID(rawValue: $0.integer(1))) }
        let next = (try connection.integer("SELECT max(id) FROM event") ?? 0) + 1
        for ticket in tickets { try markCards(of: ticket.number, at: now, event: next) }
        return Set(tickets.map(\.mailbox))
    }

    package func record(_ event: CustomerEvent) throws {
        try connection.run(
            """
            INSERT INTO customer_event (customer_id, at, agent_id, ticket_id, what)
            VALUES (\(event.customer), \(event.at), \(event.agent), \(event.ticket), \(event.what))
            """)
    }

    package func record(_ entry: AuditEntry) throws {
        try connection.run(
            """
            INSERT INTO audit (at, action, agent_id, second_agent_id, subject)
            VALUES (\(entry.at), \(entry.action), \(entry.agent), \(entry.second), \(entry.subject))
            """)
    }

    package func isAudited(_ action: AuditEntry.Action, subject: String) throws -> Bool {
        try connection.exists("SELECT 1 FROM audit WHERE action = \(action) AND subject = \(subject)")
    }

    package func tickets(of customer: CustomerID) throws -> [Ticket] {
        try connection.all(
            "SELECT \(Ticket.columns) FROM ticket WHERE customer_id = \(customer) ORDER BY id", Ticket.init(row:))
    }

    package func tickets(with address: AddressID) throws -> [TicketNumber] {
        try connection.all("SELECT ticket_id FROM participant WHERE address_id = \(address) ORDER BY ticket_id") {
            TicketNumber(rawValue: $0.integer(0))
        }
    }

    package func opener(of ticket: TicketNumber) throws -> AddressID? {
        try connection.integer(
            """
            SELECT address_id FROM message
             WHERE ticket_id = \(ticket) AND kind = \(MessageKind.inbound) AND address_id IS NOT NULL ORDER BY id LIMIT 1
            """
        ).map(AddressID.init(rawValue:))
    }

    /// Customers whose name, firm, phone or address holds every word; the newest first. Without words all.
    package func customers(holding words: [String], below: CustomerID?, limit: Int) throws -> [Customer] {
        var condition: SQL = "id < \(below?.rawValue ?? .max) AND joined_into IS NULL"
        for word in words { condition += " AND \(Self.people(holding: word))" }
        return try connection.all(
            "SELECT \(Customer.columns) FROM customer WHERE \(condition) ORDER BY id DESC LIMIT \(limit)",
            Customer.init(row:))
    }

    /// What was done to a customer's record, the oldest first.
    package func customerEvents(of customer: CustomerID) throws -> [CustomerEvent] {
        try connection.all(
            "SELECT at, agent_id, ticket_id, what FROM customer_event WHERE customer_id = \(customer) ORDER BY id"
        ) { row in
            CustomerEvent(
                customer: customer, at: row.timestamp(0), agent: row.optionalInteger(1).map(AgentID.init(rawValue:)),
                ticket: row.optionalInteger(2).map(TicketNumber.init(rawValue:)), what: row.text(3))
        }
    }
}

extension Customer {
    /// The columns that `init(row:)` reads.
    static let columns: SQL = "id, name, firm, phone, note, created_at, joined_into, erased_at"

    init(row: any SQLRow) throws {
        self.init(
            id: CustomerID(rawValue: row.integer(0)), name: row.optionalText(1), firm: row.optionalText(2),
            phone: row.optionalText(3), note: row.optionalText(4), createdAt: row.timestamp(5),
            joinedInto: row.optionalInteger(6).map(CustomerID.init(rawValue:)), erasedAt: row.optionalTimestamp(7))
    }
}

extension CustomerAddress {
    /// The columns that `init(row:)` reads.
    static let columns: SQL = "id, customer_id, identity, spelling, display_name, bounced_at, bounce_status"

    init(row: any SQLRow) throws {
        self.init(
            id: AddressID(rawValue: row.integer(0)), customer: CustomerID(rawValue: row.integer(1)),
            identity: row.text(2), spelling: row.text(3), displayName: row.optionalText(4))
        (bouncedAt, bounceStatus) = (row.optionalTimestamp(5), row.optionalText(6))
    }
}
