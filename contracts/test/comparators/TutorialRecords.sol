// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice For comparison: the contract of the usual tutorial. Records are strings on the chain, doctors are approved by
/// a flag, and everything is for ever. A string is a link of 46 characters here, as IPFS gives it.
contract TutorialRecords {
    struct Record {
        string name;
        string link;
        uint256 createdAt;
        address createdBy;
    }

    event RecordAdded(address indexed patient, address indexed by, string link);
    event DoctorApproved(address indexed patient, address indexed doctor);
    event DoctorRemoved(address indexed patient, address indexed doctor);

    mapping(address patient => Record[]) private _records;
    mapping(address patient => mapping(address doctor => bool)) public isApproved;

    function addRecord(address patient, string calldata name, string calldata link) external {
        require(msg.sender == patient || isApproved[patient][msg.sender], "not approved");
        _records[patient].push(Record(name, link, block.timestamp, msg.sender));
        emit RecordAdded(patient, msg.sender, link);
    }

    function approveDoctor(address doctor) external {
        isApproved[msg.sender][doctor] = true;
        emit DoctorApproved(msg.sender, doctor);
    }

    function removeDoctor(address doctor) external {
        isApproved[msg.sender][doctor] = false;
        emit DoctorRemoved(msg.sender, doctor);
    }

    function getRecords(address patient) external view returns (Record[] memory) {
        require(msg.sender == patient || isApproved[patient][msg.sender], "not approved");
        return _records[patient];
    }
}
