import FuzzKit

private let targets = [FuzzTarget("imap-session", longest: 2048, fuzzIMAPSession)]

/// What libFuzzer calls first.
@_cdecl("LLVMFuzzerInitialize")
func initialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    FuzzEntry.choose(targets)
    return 0
}

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt { FuzzEntry.run(start, count) }
