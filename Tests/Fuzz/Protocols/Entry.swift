import FuzzKit

private let targets = [
    FuzzTarget("content", longest: 4096, fuzzContent),
    FuzzTarget("smtp-server", longest: 4096, fuzzSMTPServer),
    FuzzTarget("smtp-client", longest: 4096, fuzzSMTPClient),
    FuzzTarget("imap-command", longest: 1024, fuzzIMAPCommand),
    FuzzTarget("imap-dialogue", longest: 4096, fuzzIMAPDialogue),
    FuzzTarget("mime", longest: 16_384, fuzzMIME),
    FuzzTarget("header", longest: 4096, fuzzHeader),
    FuzzTarget("encoded-words", longest: 1024, fuzzEncodedWords),
    FuzzTarget("fields", longest: 1024, fuzzFields),
    FuzzTarget("names", longest: 512, fuzzNames),
    FuzzTarget("composing", longest: 8192, fuzzComposing),
    FuzzTarget("authentication", longest: 4096, fuzzAuthentication),
    FuzzTarget("milter", longest: 4096, fuzzMilter),
    FuzzTarget("reports", longest: 8192, fuzzReports),
]

/// What libFuzzer calls first.
@_cdecl("LLVMFuzzerInitialize")
func initialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    FuzzEntry.choose(targets)
    return 0
}

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt { FuzzEntry.run(start, count) }
