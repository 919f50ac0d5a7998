use IO::Socket::INET;
my $gate = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$ARGV[0]", Listen => 5) or die $!;
while (my $one = $gate->accept) { close $one }
