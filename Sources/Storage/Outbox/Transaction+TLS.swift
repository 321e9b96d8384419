package import Gateway
package import MailTypes

/// What is known of TLS with other domains.
extension Transaction {
    package func policy(of domain: DomainName) throws -> StoredPolicy? {
        try connection.first(
            """
            SELECT policy_id, mode, exchangers, fetched_at, expires_at FROM mta_sts_policy WHERE domain = \(domain.ascii)
            """
        ) { row in
            let (fetched, expires) = (row.timestamp(3), row.timestamp(4))
            return StoredPolicy(
                domain: domain, id: row.text(0),
                policy: STSPolicy(
                    mode: try row.value(1), exchangers: row.text(2).split(separator: "\n").map(String.init),
                    maximumAge: expires - fetched),
                fetchedAt: fetched, expiresAt: expires)
        }
    }

    package func keep(_ policy: StoredPolicy) throws {
        let exchangers = policy.policy.exchangers.joined(separator: "\n")
        try connection.run(
            """
            INSERT INTO mta_sts_policy (domain, policy_id, mode, exchangers, fetched_at, expires_at)
            VALUES (\(policy.domain.ascii), \(policy.id), \(policy.policy.mode), \(exchangers), \(policy.fetchedAt),
                   \(policy.expiresAt))
            ON CONFLICT (domain) DO UPDATE SET policy_id = excluded.policy_id, mode = excluded.mode,
                   exchangers = excluded.exchangers, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
            """)
    }

    package func count(_ results: [TLSResult: Int], on day: Int64) throws {
        for (result, count) in results {
            try connection.run(
                """
                INSERT INTO tls_result (day, domain, policy, result, sessions)
                VALUES (\(day), \(result.domain), \(result.policy), \(result.result), \(count))
                ON CONFLICT (day, domain, policy, result) DO UPDATE SET sessions = tls_result.sessions + excluded.sessions
                """)
        }
    }

    package func tlsResults(since day: Int64) throws -> [TLSResultCount] {
        try connection.all(
            """
            SELECT day, domain, policy, result, sessions FROM tls_result WHERE day >= \(day)
             ORDER BY day, domain, policy, result LIMIT 100000
            """
        ) { row in
            TLSResultCount(
                day: row.integer(0),
                result: TLSResult(domain: row.text(1), policy: try row.value(2), result: row.text(3)),
                sessions: row.int(4))
        }
    }
}
