using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network.Pacing;

/// <summary>Clients and a host in simulated time: one event after the other, always the same.</summary>
internal static class PaceSimulation
{
    private static readonly double[] Rates = [2, 9.9, 19.5, 49, 98, 195, 100_000];
    private static readonly int[] InFlights = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16];

    /// <summary>Lets clients work for so long.</summary>
    public static void Play(SimulatedHost host, double seconds, params IReadOnlyList<SimulatedClient> clients)
    {
        var events = new PriorityQueue<Action<TimeSpan>, (TimeSpan At, int Order)>();
        var order = 0;
        var wakeUps = new TimeSpan[clients.Count];
        for (var i = 0; i < clients.Count; i++)
        {
            var client = i;
            wakeUps[client] = TimeSpan.MaxValue;
            events.Enqueue(now => Begin(client, now), (clients[client].Starts, order++));
        }

        while (events.TryDequeue(out var happens, out var when) && when.At.TotalSeconds < seconds)
        {
            happens(when.At);
        }

        void Begin(int client, TimeSpan now)
        {
            PaceTicket ticket;
            var wait = Timeout.InfiniteTimeSpan;
            while (clients[client].Idle > 0 && clients[client].TryEnter(now, out ticket, out wait))
            {
                clients[client].Idle--;
                var (begun, answer) = (ticket, host.Serve(now));
                events.Enqueue(at => End(client, begun, answer, at), (now + answer.Latency, order++));
            }

            var wakeUp = wait < TimeSpan.Zero ? TimeSpan.MaxValue : now + wait;
            if (wakeUp < wakeUps[client])
            {
                wakeUps[client] = wakeUp;
                events.Enqueue(at => WakeUp(client, at), (wakeUp, order++));
            }
        }

        void WakeUp(int client, TimeSpan now)
        {
            // Any other has been replaced by an earlier one.
            if (wakeUps[client] == now)
            {
                wakeUps[client] = TimeSpan.MaxValue;
                Begin(client, now);
            }
        }

        void End(int client, PaceTicket ticket, SimulatedAnswer answer, TimeSpan now)
        {
            (answer.Outcome == PaceOutcome.Answered ? clients[client].Answers : clients[client].Failures).Add(now);
            clients[client].Leave(ticket, answer, now);
            if (answer.Outcome == PaceOutcome.Answered)
            {
                clients[client].Idle++;
            }
            else
            {
                // It is tried again after a while.
                events.Enqueue(at => TryAgain(client, at), (now + SimulatedClient.BackOff, order++));
            }

            Begin(client, now);
        }

        void TryAgain(int client, TimeSpan now)
        {
            clients[client].Idle++;
            Begin(client, now);
        }
    }

    /// <summary>Answers per second of the best setting a person could find by trying.</summary>
    public static double BestFixed(Func<SimulatedHost> host, double seconds)
    {
        var best = 0.0;
        foreach (var inFlight in InFlights)
        {
            foreach (var rate in Rates)
            {
                var client = new FixedClient(inFlight, rate);
                Play(host(), seconds, client);
                if (client.FailedShare <= 0.02)
                {
                    best = Math.Max(best, client.Throughput(0, seconds));
                }
            }
        }

        return best;
    }
}
