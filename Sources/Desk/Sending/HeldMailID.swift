/// A mail that waits to leave, or waited.
package struct HeldMailID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}
