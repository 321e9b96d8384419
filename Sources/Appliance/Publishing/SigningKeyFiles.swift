import Foundation
import MailAuth
import MailTypes
import OpenSSL

/// The keys that mail is signed with, as files of the data directory: `dkim/DOMAIN/SELECTOR.pem`, and `dkim/DOMAIN/active`
/// with the selector that signs. A domain has two keys at most: one that signs, and one that did or will.
struct SigningKeyFiles: Sendable {
    /// What there is for one domain.
    struct Keys: Sendable {
        /// All, in the order of their selectors.
        var signers: [DKIMSigner]
        /// The one that signs.
        var active: DKIMSigner
    }

    private let data: DataDirectory

    init(_ data: DataDirectory) { self.data = data }

    private var top: String { data.path + "/dkim" }
    private func folder(_ domain: DomainName) -> String { "\(top)/\(domain.ascii)" }
    private func file(_ domain: DomainName, _ selector: String) -> String { "\(folder(domain))/\(selector).pem" }

    /// The keys of all domains.
    func load() throws -> [DomainName: Keys] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: top)) ?? []
        var result: [DomainName: Keys] = [:]
        for domain in names.sorted().compactMap({ DomainName($0) }) {
            if let keys = try load(domain) { result[domain] = keys }
        }
        return result
    }

    /// The keys of one domain; `nil` if it has none.
    func load(_ domain: DomainName) throws -> Keys? {
        let signers = try selectors(domain).map { try signer(domain, $0) }
        guard let first = signers.first else { return nil }
        let text = try? String(contentsOfFile: folder(domain) + "/active", encoding: .utf8)
        let selector = text?.trimmingCharacters(in: .whitespacesAndNewlines)
        return Keys(signers: signers, active: signers.first { $0.selector == selector } ?? first)
    }

    private func selectors(_ domain: DomainName) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(domain))) ?? []
        return names.filter { $0.hasSuffix(".pem") }.map { String($0.dropLast(4)) }.sorted()
    }

    private func signer(_ domain: DomainName, _ selector: String) throws -> DKIMSigner {
        do throws(CertificateFailure) {
            let key = try SigningKey(file: file(domain, selector))
            guard let signer = DKIMSigner(domain: domain, selector: selector, key: key) else {
                throw CertificateFailure(file: file(domain, selector), reason: .refused("its name is no selector"))
            }
            return signer
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    /// Makes a key. The first of a domain signs at once, a second one from `use` on.
    func generate(_ domain: DomainName, selector: String?, isEd25519: Bool) throws -> DKIMSigner {
        let known = selectors(domain)
        guard known.count < 2 else {
            throw CommandFailure(
                .cannotCreate,
                "\(domain) has two keys already, \(known.joined(separator: " and ")); remove the one that does not sign"
            )
        }
        let selector = (selector ?? ["stempel1", "stempel2"].first { !known.contains($0) } ?? "stempel3").lowercased()
        guard !known.contains(selector) else { throw CommandFailure(.cannotCreate, "\(domain) has a key \(selector)") }
        let key = isEd25519 ? SigningKey.generateEd25519() : SigningKey.generateRSA()
        guard let signer = DKIMSigner(domain: domain, selector: selector, key: key) else {
            throw CommandFailure(.dataError, "\(selector): no selector; write letters, digits and hyphens")
        }
        try data.create()
        do {
            try FileManager.default.createDirectory(
                atPath: folder(domain), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.cannotCreate, "\(folder(domain)): \(error.localizedDescription)")
        }
        try data.write(key.pem, to: file(domain, selector))
        if known.isEmpty { try data.write(selector + "\n", to: folder(domain) + "/active") }
        return signer
    }

    /// Lets another key sign.
    func use(_ domain: DomainName, selector: String) throws {
        guard selectors(domain).contains(selector) else {
            throw CommandFailure(.noInput, "\(domain) has no key \(selector)")
        }
        try data.write(selector + "\n", to: folder(domain) + "/active")
    }

    /// Removes a key that does not sign.
    func remove(_ domain: DomainName, selector: String) throws {
        guard let keys = try load(domain), keys.signers.contains(where: { $0.selector == selector }) else {
            throw CommandFailure(.noInput, "\(domain) has no key \(selector)")
        }
        guard keys.active.selector != selector || keys.signers.count == 1 else {
            throw CommandFailure(.dataError, "\(selector) signs for \(domain); let the other one sign first")
        }
        do {
            try FileManager.default.removeItem(atPath: file(domain, selector))
        } catch {
            throw CommandFailure(.ioError, "\(file(domain, selector)): \(error.localizedDescription)")
        }
    }
}
