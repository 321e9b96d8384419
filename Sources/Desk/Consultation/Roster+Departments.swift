package import MailTypes

extension Roster {
    /// A consulted unit with its number.
    package struct Department: Sendable {
        package let id: DepartmentID
        package let definition: DepartmentDefinition
        package init(id: DepartmentID, definition: DepartmentDefinition) { (self.id, self.definition) = (id, definition) }
    }

    /// The departments that have an address.
    package func departments(with address: EmailAddress) -> Set<DepartmentID> {
        Set(departments.values.filter { $0.definition.addresses.contains(address) }.map(\.id))
    }

    /// The department of this name.
    package func department(named name: some StringProtocol) -> Department? {
        let folded = foldedName(name)
        return departments.values.first { foldedName($0.definition.name) == folded }
    }
}
