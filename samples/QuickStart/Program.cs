using PhishMe.QuickStart;

// dotnet run --project samples/QuickStart            shows the tour and removes its folder
// dotnet run --project samples/QuickStart -- --keep  leaves the folder to look at
return await Tour.RunAsync(Console.Out, keep: args.Contains("--keep"), CancellationToken.None);
