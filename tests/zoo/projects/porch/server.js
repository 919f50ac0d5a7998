require('node:http').createServer((_, answer) => answer.end('porch')).listen(3008, '127.0.0.1');
