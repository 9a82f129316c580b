namespace PhishMe.Pester.Tests;

/// <summary>What Pester says about one test: a record that Invoke-Suite.ps1 writes.</summary>
/// <param name="Name">Names of the blocks and of the test, with dots between.</param>
/// <param name="Result">Passed, Failed, Skipped or Inconclusive.</param>
/// <param name="Message">Message and place of the failure, or why the test was skipped.</param>
/// <param name="Seconds">How long the test took.</param>
public sealed record PesterTest(string Name, string Result, string Message, double Seconds);
