require('node:http').createServer((_, answer) => answer.end('stall')).listen(3005, '127.0.0.1');
