// Small health records in the manner of HL7 FHIR R4, written for these vectors.

export const PATIENT = `{
  "resourceType": "Patient",
  "id": "mira-okafor",
  "active": true,
  "name": [
    { "use": "official", "family": "Okafor", "given": ["Mira", "Adaeze"] },
    { "use": "nickname", "text": "Mira" }
  ],
  "gender": "female",
  "birthDate": "1984-02-29",
  "_birthDate": {
    "extension": [
      { "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "1984-02-29T04:12:00+01:00" }
    ]
  },
  "multipleBirthBoolean": false
}`;

export const OBSERVATION = `{
  "resourceType": "Observation",
  "status": "final",
  "code": {
    "coding": [{ "system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c/Hemoglobin.total in Blood" }],
    "text": "HbA1c"
  },
  "subject": { "reference": "Patient/mira-okafor" },
  "effectiveDateTime": "2025-11-03T08:15:00Z",
  "valueQuantity": { "value": 6.50, "comparator": "<", "unit": "%", "system": "http://unitsofmeasure.org", "code": "%" },
  "referenceRange": [{ "low": { "value": 4.0, "unit": "%" }, "high": { "value": 5.60, "unit": "%" } }]
}`;

export const MEDICATION_REQUEST = `{
  "resourceType": "MedicationRequest",
  "status": "active",
  "intent": "order",
  "doNotPerform": true,
  "medicationCodeableConcept": { "text": "Amoxicillin 500 mg" },
  "subject": { "reference": "Patient/mira-okafor" },
  "note": [{ "text": "Rash in 2019 – do not give.\\nAsk before any β-lactam." }],
  "dosageInstruction": []
}`;

export const ALLERGY = `{
  "resourceType": "AllergyIntolerance",
  "clinicalStatus": { "coding": [{ "code": "active" }] },
  "verificationStatus": { "coding": [{ "code": "confirmed" }] },
  "code": { "text": "Penicillin" },
  "patient": { "reference": "Patient/mira-okafor" },
  "reaction": [
    { "manifestation": [{ "text": "Urticaria" }], "severity": "moderate" },
    { "manifestation": [{ "text": "Angio-oedema" }, { "text": "呼吸困難" }], "severity": "severe" }
  ]
}`;

export const IMAGING_REPORT = `{"resourceType":"DiagnosticReport","status":"amended","code":{"text":"CT thorax"},"modifierExtension":[{"url":"https://example.org/fhir/provisional","valueBoolean":true}],"presentedForm":[{"contentType":"application/pdf","title":"report.pdf"},{"contentType":"application/dicom","title":"series 1.dcm"}],"conclusion":"No nodule > 4 mm."}`;

export const CLAIM = `{
  "resourceType": "Claim",
  "status": "active",
  "use": "claim",
  "total": { "value": 1250.00, "currency": "EUR" },
  "item": [
    { "sequence": 1, "unitPrice": { "value": 1.2e3, "currency": "EUR" } },
    { "sequence": 2, "quantity": { "value": -0 }, "net": { "value": 50.0, "currency": "EUR" } }
  ]
}`;

export const DEVICE_SERIES = `[0.02,0.020,-0.11,1.00e-1,null,0.4,"gap",{"lost":3}]`;
