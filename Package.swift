// swift-tools-version: 6.2
import PackageDescription

// One flag set for every target of ours: a different one per target would compile the dependencies twice.
let swift: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

// An executable without a main of its own: only libFuzzer can link it, so scripts/fuzz alone asks for it.
let fuzzers: [Target] =
    Context.environment["KEYRITE_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "FuzzEvidence",
            dependencies: ["Decoders"], path: "Tests/FuzzEvidence", swiftSettings: swift)
    ]

let package = Package(
    name: "keyrite",
    products: [
        .executable(name: "keyrite", targets: ["keyrite"]),
        // Loaded by a PKCS#11 host at run time; nothing may link it, or that program would export C_GetFunctionList.
        .library(name: "RehearsalToken", type: .dynamic, targets: ["RehearsalToken"]),
        // The same, for tests alone: it lies.
        .library(name: "HostileToken", type: .dynamic, targets: ["HostileToken"]),
        // The same: it stands before a module of another make.
        .library(name: "OtherToken", type: .dynamic, targets: ["OtherToken"]),
        // The like for ssh-keygen: a FIDO2 authenticator without a device, for tests alone.
        .library(name: "SoftwareAuthenticator", type: .dynamic, targets: ["SoftwareAuthenticator"]),
        // For tests alone, too: another time than the machine's, in a program that loads it first.
        .library(name: "ShiftedClock", type: .dynamic, targets: ["ShiftedClock"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Beneath hummingbird in any case; named because the emulator speaks with its server directly.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Half of AWS's services answer in XML.
        .package(url: "https://github.com/CoreOffice/XMLCoder", from: "0.18.2"),
    ],
    targets: [
        // The system's C libraries: headers and inline shims.
        .systemLibrary(name: "CP11Kit", pkgConfig: "p11-kit-1", providers: [.apt(["libp11-kit-dev", "pkgconf"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // What glibc has for starting processes and Swift does not see.
        .systemLibrary(name: "CSpawn"),
        // Unpacks exported events; AsyncHTTPClient links it in any case.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "RehearsalToken", dependencies: ["CP11Kit", "COpenSSL"], cSettings: c),

        .target(name: "CryptoPrimitives", dependencies: ["COpenSSL"], swiftSettings: swift),
        .target(name: "Disk", swiftSettings: swift),
        .target(name: "Processes", dependencies: ["CSpawn"], swiftSettings: swift),
        .target(name: "PKCS11", dependencies: ["CP11Kit", "CryptoPrimitives", "Processes"], swiftSettings: swift),
        .target(
            name: "AWS",
            dependencies: [
                "CSpawn", "CryptoPrimitives", "Processes",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "XMLCoder", package: "XMLCoder"),
            ],
            swiftSettings: swift),
        .target(
            name: "KMSEmulator",
            dependencies: [
                "AWS", "CryptoPrimitives", "Disk",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swift),
        .target(name: "Evidence", dependencies: ["CryptoPrimitives"], swiftSettings: swift),
        .target(name: "Ceremony", dependencies: ["Evidence", "CryptoPrimitives"], swiftSettings: swift),
        .target(
            name: "Room",
            dependencies: [
                "AWS", "CSpawn", "Ceremony", "CryptoPrimitives", "Disk", "Evidence", "PKCS11", "Processes",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: swift),
        .target(
            name: "Estate", dependencies: ["AWS", "CZlib", "CryptoPrimitives", "Disk", "Evidence"], swiftSettings: swift
        ),
        .target(
            name: "KeyriteCommands",
            dependencies: [
                "AWS", "Ceremony", "CryptoPrimitives", "Disk", "Estate", "Evidence", "KMSEmulator", "PKCS11", "Room",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),
        .executableTarget(name: "keyrite", dependencies: ["KeyriteCommands"], swiftSettings: swift),

        // Tests: a target each, and one that drives the program from outside.
        .target(
            name: "TestSupport",
            dependencies: ["AWS", "CSpawn", "CryptoPrimitives", "Evidence", "PKCS11"],
            path: "Tests/TestSupport", swiftSettings: swift),
        .target(
            name: "HostileToken", dependencies: ["CP11Kit", "COpenSSL"], path: "Tests/HostileToken", cSettings: c),
        .target(name: "OtherToken", dependencies: ["CP11Kit"], path: "Tests/OtherToken", cSettings: c),
        .target(
            name: "SoftwareAuthenticator", dependencies: ["COpenSSL"], path: "Tests/SoftwareAuthenticator",
            cSettings: c),
        .target(name: "ShiftedClock", path: "Tests/ShiftedClock", cSettings: c),
        // A program of the tests, for a token in a process of its own.
        .executableTarget(
            name: "WrapProbe", dependencies: ["CryptoPrimitives", "PKCS11", "TestSupport"], path: "Tests/WrapProbe",
            swiftSettings: swift),
        // Keyrite's side of scripts/bench/hsm.
        .executableTarget(
            name: "HSMBench", dependencies: ["CryptoPrimitives", "PKCS11"], path: "Tests/HSMBench",
            swiftSettings: swift),
        // The decoders of what strangers hand in, as scripts/fuzz and a test feed them.
        .target(
            name: "Decoders",
            dependencies: ["Ceremony", "CryptoPrimitives", "Estate", "Evidence", "KeyriteCommands", "Room"],
            path: "Tests/Decoders", exclude: ["Stamp"], swiftSettings: swift),
        .testTarget(
            name: "DecodersTests", dependencies: ["Decoders"], exclude: ["Findings"], swiftSettings: swift),
        .testTarget(
            name: "CryptoPrimitivesTests", dependencies: ["CryptoPrimitives", "TestSupport"], swiftSettings: swift),
        .testTarget(
            name: "PKCS11Tests", dependencies: ["CP11Kit", "CryptoPrimitives", "PKCS11", "Processes", "TestSupport"],
            swiftSettings: swift),
        .testTarget(
            name: "AWSTests",
            dependencies: [
                "AWS", "Ceremony", "CryptoPrimitives", "Evidence", "Room", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Python", "Vectors"], swiftSettings: swift),
        .testTarget(
            name: "KMSEmulatorTests", dependencies: ["KMSEmulator", "AWS", "CryptoPrimitives", "TestSupport"],
            exclude: ["Python"], swiftSettings: swift),
        .testTarget(
            name: "EvidenceTests", dependencies: ["CryptoPrimitives", "Evidence", "TestSupport"], exclude: ["Golden"],
            swiftSettings: swift),
        .testTarget(
            name: "EstateTests", dependencies: ["AWS", "Estate", "Evidence", "CryptoPrimitives", "TestSupport"],
            exclude: ["Python"], swiftSettings: swift),
        .testTarget(
            name: "CeremonyTests", dependencies: ["Ceremony", "CryptoPrimitives", "Evidence", "TestSupport"],
            swiftSettings: swift),
        .testTarget(
            name: "KeyriteTests",
            dependencies: [
                "AWS", "Ceremony", "CryptoPrimitives", "Disk", "Estate", "Evidence", "KeyriteCommands", "PKCS11",
                "Processes", "Room", "TestSupport",
            ],
            exclude: [
                "Attestation/peer.py", "Inventory/estate.py", "Inventory/page.py", "Matrix/opencryptoki.sh",
                "Policies/policies.py",
                "RealParts/afterwards.py", "TimeStamp/authority.py",
            ],
            swiftSettings: swift),
    ] + fuzzers,
    swiftLanguageModes: [.v6]
)
