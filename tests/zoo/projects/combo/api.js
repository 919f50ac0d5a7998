require('node:http').createServer((_, answer) => answer.end('api')).listen(3006, '127.0.0.1');
