import MailTypes

/// What is known of a customer, by name: five facts that every customer has a place for, and fields of the desk's own.
/// Rules, commands of agents and the command line name them alike, in English or in Polish.
package enum CustomerField: Hashable, Sendable {
    case name, firm, phone, note
    /// An address more that the customer writes from; none is taken away by this name.
    case address
    /// A field of the desk's own.
    case own(String)

    /// Octets of the longest value.
    package static let longestValue = 10_000
    /// Fields of its own that a customer can have.
    package static let ownLimit = 50

    private static let spellings: [(field: CustomerField, names: [String])] = [
        (.name, ["name", "nazwa", "nazwisko", "imię", "imię i nazwisko"]),
        (.firm, ["firm", "company", "firma"]),
        (.phone, ["phone", "telephone", "telefon", "tel"]),
        (.address, ["address", "mail", "email", "e-mail", "adres"]),
        (.note, ["note", "notes", "notatka", "uwagi"]),
    ]

    private static let standard = Dictionary(
        spellings.flatMap { row in row.names.map { (TypedText.folded($0), row.field) } },
        uniquingKeysWith: { first, _ in first })

    /// `nil` for what is no name (DESIGN §7): empty, longer than 100 octets, with `/ * %` or controls.
    package init?(_ text: some StringProtocol) {
        let name = TypedText.squeezed(text)
        guard !name.isEmpty, name.utf8.count <= 100, !name.contains(where: { "/*%".contains($0) }) else { return nil }
        self = Self.standard[TypedText.folded(name)] ?? .own(name)
    }

    /// The name of one of the facts that is spelled nearly so.
    package static func standardName(near text: some StringProtocol) -> String? {
        Spelling.nearest(to: TypedText.folded(text), among: standard.keys.sorted())
    }

    /// As events and lists call it.
    package var word: String {
        switch self {
        case .name: "name"
        case .firm: "firm"
        case .phone: "phone"
        case .note: "note"
        case .address: "address"
        case .own(let name): name
        }
    }
}
