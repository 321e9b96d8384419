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

    package func addresses(of customer: CustomerID) throws -> [CustomerAddress] {
        try connection.all(
            "SELECT \(CustomerAddress.columns) FROM address WHERE customer_id = \(customer) ORDER BY id",
            CustomerAddress.init(row:))
    }

    package func address(identity: String) throws -> CustomerAddress? {
        try connection.first(
            "SELECT \(CustomerAddress.columns) FROM address WHERE identity = \(identity)", CustomerAddress.init(row:))
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

    /// Customers whose name or firm holds a folded text, or whose address holds it as written; the newest first. With an
    /// empty text all.
    package func customers(holding text: String, below: CustomerID?, limit: Int) throws -> [Customer] {
        var found: [Customer] = []
        let below = below?.rawValue ?? .max
        try connection.scan(
            """
            SELECT \(Customer.columns), name_folded, firm_folded FROM customer
             WHERE id < \(below) AND joined_into IS NULL ORDER BY id DESC
            """
        ) { row in
            let customer = try Customer(row: row)
            let keys = [
                row.optionalText(8) ?? customer.name.map(Customer.searchKey),
                row.optionalText(9) ?? customer.firm.map(Customer.searchKey),
            ]
            let isFound =
                try text.isEmpty || keys.contains { $0?.contains(text) == true }
                || addresses(of: customer.id).contains { $0.identity.contains(text) }
            if isFound { found.append(customer) }
            return found.count < limit
        }
        return found
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
    static let columns: SQL = "id, customer_id, identity, spelling, display_name"

    init(row: any SQLRow) throws {
        self.init(
            id: AddressID(rawValue: row.integer(0)), customer: CustomerID(rawValue: row.integer(1)),
            identity: row.text(2), spelling: row.text(3), displayName: row.optionalText(4))
    }
}
